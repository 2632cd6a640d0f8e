"""The pager: pages by other services, without content, with a link to acknowledge."""
