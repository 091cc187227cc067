"""Everything that changes the outbox and the mailbox, one verb a function."""
