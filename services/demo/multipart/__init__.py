"""Multipart uploads: parts that are sent one by one and become one object.

operations.py: CreateMultipartUpload, UploadPart, UploadPartCopy, CompleteMultipartUpload, AbortMultipartUpload.
listing.py: ListParts, ListMultipartUploads. joining.py: which parts make which object, its entity tag and checksum; pure
but for the checksum of parts that brought none. store.py: uploads under way and their parts, as SQL.
"""
