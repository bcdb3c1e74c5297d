"""A small service of its own, run by the tour as a process: it writes a report. It holds no key and reads none."""

import sys

import boto3
from botocore.client import Config


def main(bucket: str) -> None:
    """Writes the report with whatever rights the environment hands over, and prints who it is."""
    store = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))
    store.put_object(Bucket=bucket, Key="daily/report.txt", Body=b"a daily report")
    sys.stdout.write(boto3.client("sts").get_caller_identity()["Arn"])


if __name__ == "__main__":
    main(sys.argv[1])
