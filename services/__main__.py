"""The `poolkeeper` command."""

import argparse
import io
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from shared.keys import OF_OTHERS, NoMasterKey, NotNow
from shared.refusal import Unavailable
from shared.serve import PortTaken
from shared.settings import BadSetting, Settings, read
from shared.sql.revision import NewerData


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one subcommand; returns the exit status. What is wrong with an installation is one line on stderr."""
    from services.command.backup import NoBackup  # noqa: PLC0415 - parsing stays quick
    from services.command.env import NoAdministratorKey  # noqa: PLC0415
    from services.command.init import NotInitialised  # noqa: PLC0415
    from services.identitypool.iam.bootstrap import DifferentInstallation  # noqa: PLC0415

    _print_anything()
    given = sys.argv[1:] if arguments is None else arguments
    if not given:
        _parser().print_help()
        return 2
    options = _parser().parse_args(given)
    os.umask(OF_OTHERS)  # files that are made here are nobody else's, wherever their folder lies
    try:
        settings = read(os.environ)
        run: Callable[[Settings, argparse.Namespace], int] = options.run
        return run(settings, options)
    except (
        BadSetting,
        DifferentInstallation,
        NewerData,
        NoAdministratorKey,
        NoBackup,
        NoMasterKey,
        NotNow,
        NotInitialised,
        OSError,
        PortTaken,
        Unavailable,
    ) as error:
        print(f"poolkeeper: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _print_anything() -> None:
    """A terminal or file that cannot hold a letter gets its number, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="poolkeeper", description="Cognito's user pools and identity pools, self-hosted."
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    command = commands.add_parser("init", help="make an installation, or finish one")
    command.set_defaults(run=_init)

    command = commands.add_parser("serve", help="run everything, or one service")
    only = command.add_mutually_exclusive_group()
    only.add_argument("service", nargs="?", choices=["userpool", "identitypool", "demo"], help="only this one")
    command.add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)  # it ends with its standard input
    only.add_argument("--demo", action="store_true", help="everything; prepare the demo's pools and say where to look")
    command.set_defaults(run=_serve)

    command = commands.add_parser("backup", help="copy what an installation on SQLite keeps, while it runs")
    command.add_argument("folder", type=Path, help="a new folder for the copy")
    command.set_defaults(run=_backup)

    command = commands.add_parser(
        "move", help="copy what lies in SQLite to the empty PostgreSQL of POOLKEEPER_DATABASE_URL"
    )
    command.set_defaults(run=_move)

    command = commands.add_parser("env", help="print what points AWS clients at this installation")
    command.add_argument("--root", action="store_true", help="with a root access key, made if there is none")
    command.add_argument("--profile", metavar="NAME", type=_profile, help="as a profile for ~/.aws/config")
    command.set_defaults(run=_env)

    command = commands.add_parser("root-key", help="create or delete the root user's access key")
    command.add_argument("action", choices=["create", "delete"])
    command.set_defaults(run=_root_key)

    command = commands.add_parser("keys", help="show the master keys, add a new one, take an old one away")
    actions = command.add_subparsers(dest="action", required=True, metavar="action")
    actions.add_parser("list", help="the master keys, and how much of what is stored lies under which")
    actions.add_parser("rotate", help="add a new master key and seal everything stored under it")
    actions.add_parser("rewrap", help="seal everything stored under the newest master key")
    actions.add_parser("retire", help="take an older master key away").add_argument("id", help="as `list` shows it")
    command.set_defaults(run=_keys)

    command = commands.add_parser("tour", help="tell the three steps against the running system")
    command.set_defaults(run=_tour)

    command = commands.add_parser("audit", help="print who did what, and who was denied what")
    command.add_argument("--denied", action="store_true", help="only what the policies denied, with the reason")
    command.add_argument("--since", metavar="SPAN", type=_span_s, help="only what is newer than this: 90s, 15m, 1h, 7d")
    command.add_argument("--request", metavar="ID", help="only the request of this id")
    command.add_argument("--json", action="store_true", help="one JSON object a line")
    command.add_argument("--follow", action="store_true", help="go on printing what comes")
    command.set_defaults(run=_audit)

    command = commands.add_parser("doctor", help="say what is wrong with an installation and how to mend it")
    command.set_defaults(run=_doctor)
    return parser


def _span_s(text: str) -> float:
    """Seconds of a span such as 90s, 15m, 1h, 7d. Raises ArgumentTypeError."""
    parts = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    if parts is None:
        raise argparse.ArgumentTypeError(f"{text} is no span; say 90s, 15m, 1h or 7d")
    return float(int(parts[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[parts[2]])


def _profile(text: str) -> str:
    """A name that needs no quotes in ~/.aws/config. Raises ArgumentTypeError."""
    if not re.fullmatch(r"[A-Za-z0-9_.@+-]{1,64}", text):
        raise argparse.ArgumentTypeError("a profile's name has 1 to 64 letters, digits and _ . @ + -")
    return text


def _init(settings: Settings, _options: argparse.Namespace) -> int:
    from services.command.init import init  # noqa: PLC0415

    account = init(settings)
    print(f"account {account} in {settings.data}; next: poolkeeper serve")
    return 0


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    if options.service is not None:
        from services.command.serve import serve_one  # noqa: PLC0415

        serve_one(settings, options.service, supervised=options.supervised)
        return 0
    from services.command.said import say  # noqa: PLC0415
    from services.command.supervisor import Supervisor  # noqa: PLC0415

    supervisor = Supervisor(settings)
    supervisor.start()
    try:
        if not supervisor.wait_ready():
            if supervisor.is_ending:
                return 0
            print("poolkeeper: a service did not become ready; its own line above says why", file=sys.stderr)
            return 1
        if options.demo:
            from services.command.demo import prepare  # noqa: PLC0415

            prepare(settings)
            sys.stdout.flush()
        else:
            say(f"user pools {settings.userpool_base}, identity pools, STS and IAM {settings.identitypool_base}")
        return supervisor.wait()
    finally:
        supervisor.stop()


def _backup(settings: Settings, options: argparse.Namespace) -> int:
    from services.command.backup import backup  # noqa: PLC0415

    names = backup(settings, options.folder)
    print(
        f"{', '.join(names)} in {options.folder}; the master key is not among them: keep {settings.key_file} elsewhere"
    )
    return 0


def _move(settings: Settings, _options: argparse.Namespace) -> int:
    from services.command.move import NoMove, move  # noqa: PLC0415

    try:
        rows = move(settings)
    except NoMove as error:
        print(f"poolkeeper: {error}", file=sys.stderr)
        return 1
    print(f"{rows} rows copied; the files in {settings.data} are as they were, and served no more with this setting")
    return 0


def _env(settings: Settings, options: argparse.Namespace) -> int:
    from services.command import env  # noqa: PLC0415

    values = env.variables(settings, root=options.root)
    if options.root:
        print("# a root key is limited by no policy; delete it with `poolkeeper root-key delete`", file=sys.stderr)
    print(env.as_profile(values, options.profile) if options.profile else env.as_shell(values), end="")
    return 0


def _root_key(settings: Settings, options: argparse.Namespace) -> int:
    from services.command import root_key  # noqa: PLC0415

    print(root_key.create(settings) if options.action == "create" else root_key.delete(settings))
    return 0


def _keys(settings: Settings, options: argparse.Namespace) -> int:
    from services.command import keys  # noqa: PLC0415

    def say(line: str) -> None:
        print(line, flush=True)

    if options.action == "list":
        print("\n".join(keys.shown(settings)))
    elif options.action == "rotate":
        keys.rotate(settings, say)
    elif options.action == "rewrap":
        keys.seal_again(settings, say)
    else:
        keys.retire(settings, options.id, say)
    return 0


def _tour(settings: Settings, _options: argparse.Namespace) -> int:
    from services.command import tour  # noqa: PLC0415

    return tour.tell(settings)


def _audit(settings: Settings, options: argparse.Namespace) -> int:
    from services.command import audit  # noqa: PLC0415

    return audit.show(settings, options)


def _doctor(settings: Settings, _options: argparse.Namespace) -> int:
    from services.command.doctor import examine  # noqa: PLC0415

    findings = examine(settings)
    for finding in findings:
        print(
            f"{'!!' if finding.mend else 'ok'}  {finding.what}" + (f"\n    -> {finding.mend}" if finding.mend else "")
        )
    return 1 if any(finding.mend for finding in findings) else 0


if __name__ == "__main__":
    sys.exit(main())
