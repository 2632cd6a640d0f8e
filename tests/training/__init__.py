"""Training the second reader: from labelled messages of our own to the weights in `config/risk/reader.tsv`."""
