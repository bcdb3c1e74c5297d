from pathlib import Path

from services.demo.front import compose
from shared.audit.record import Entry, KeyUse
from shared.audit.reporter import Reporter
from shared.clock import system_clock
from shared.settings import Settings
from tests.services.demo.served import TableGrants, client, served


def test_what_the_root_user_does_is_reported_with_the_very_resource(tmp_path: Path) -> None:
    seen: list[Entry | KeyUse] = []
    reporter = Reporter(seen.extend)
    with served(compose(Settings(data=tmp_path), TableGrants(), system_clock, reporter)) as url:
        root = client(url, "AKIAROOT000000000000")
        root.list_buckets()
        root.create_bucket(Bucket="demo")
        root.put_object(Bucket="demo", Key="folder/", Body=b"")
    reporter.close()
    assert [(one.action, one.resources) for one in seen if isinstance(one, Entry)] == [
        ("s3:ListBuckets", ("*",)),
        ("s3:CreateBucket", ("arn:aws:s3:::demo",)),
        ("s3:PutObject", ("arn:aws:s3:::demo/folder/",)),
    ]
