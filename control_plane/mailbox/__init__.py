"""A mailbox over IMAP: listing its folders, reading its messages, changing nothing."""
