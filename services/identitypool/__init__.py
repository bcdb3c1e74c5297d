"""The exchange: a verified token, or an IAM principal, for temporary credentials that carry exactly a role's rights."""
