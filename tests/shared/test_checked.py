import threading

from shared.checked import Checked


def test_only_the_very_text_and_the_very_key_are_found() -> None:
    checked: Checked[object, str] = Checked()
    key, same = ["key"], ["key"]
    checked.keep("a.b.c", key, "said")
    assert checked.find("a.b.c", key) == "said"
    assert checked.find("a.b.c", same) is None
    assert checked.find("a.b.C", key) is None
    assert checked.find("a.b.c\ud800", key) is None


def test_the_last_ones_are_kept_and_no_more_than_twice_as_many() -> None:
    checked: Checked[None, int] = Checked(most=10)
    for number in range(95):
        checked.keep(str(number), None, number)
    found = [number for number in range(95) if checked.find(str(number), None) is not None]
    assert found[-10:] == list(range(85, 95))
    assert len(found) <= 20


def test_many_threads_keep_and_find() -> None:
    checked: Checked[None, int] = Checked(most=3)
    wrong: list[int] = []

    def work(first: int) -> None:
        for number in range(first, first + 2000):
            checked.keep(str(number), None, number)
            if checked.find(str(number), None) not in {None, number}:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(1000 * place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
