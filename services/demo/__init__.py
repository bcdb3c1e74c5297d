"""A protected service of somebody else's: an S3-shaped store that knows nothing of ours but `shared.guard`."""
