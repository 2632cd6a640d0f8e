"""Telegram: the channel that most people have already. It is not end-to-end encrypted."""
