"""The one writer of facts: staged rows become customers, consents, products, orders, lines and refunds.

A file's rows are staged in temporary tables, a batch of messages as JSON (`staging`); the statements are the
same. What is known already is completed or replaced, as `Policy` says.
"""
