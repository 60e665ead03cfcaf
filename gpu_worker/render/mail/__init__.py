"""E-mails of every kind as one shape: the header as claims, the body as pages, what is attached as parts."""
