"""The stock client of ActivityWatch against the agent's local server: `stock.py PORT before|after START`.

`before` and `after` are two runs with a restart of the server between them.
"""

import sys
import time
from datetime import datetime, timedelta

from aw_client import ActivityWatchClient
from aw_core.models import Event

PORT, PART, START = int(sys.argv[1]), sys.argv[2], datetime.fromisoformat(sys.argv[3])
BEATS, EVENTS, QUEUED = "beats_pc", "events_pc", "queued_pc"

client = ActivityWatchClient("stock", host="127.0.0.1", port=PORT)


def beat(number: int) -> Event:
    # Three seconds of each number.
    return Event(timestamp=START + timedelta(seconds=number), data={"app": str(number // 3)})


def at(second: float) -> Event:
    return Event(timestamp=START + timedelta(seconds=second), duration=0.5, data={"n": second})


def before() -> None:
    client.wait_for_start()
    assert client.get_info()["device_id"]
    client.create_bucket(BEATS, event_type="currentwindow")
    client.create_bucket(BEATS, event_type="currentwindow")
    client.create_bucket(EVENTS, event_type="test", queued=False)
    for number in range(300):
        client.heartbeat(BEATS, beat(number), pulsetime=1.5)
    client.insert_events(EVENTS, [at(second) for second in range(500)])
    one = client.insert_event(EVENTS, at(500))
    assert one is None or one.id
    with client:
        client.create_bucket(QUEUED, event_type="test", queued=True)
        for number in range(60):
            client.heartbeat(QUEUED, beat(number), pulsetime=1.5, queued=True, commit_interval=0)
        # What its queue holds is sent by a thread; the last number waits for another one.
        until = time.monotonic() + 20
        while time.monotonic() < until and client.get_buckets().get(QUEUED) is None:
            time.sleep(0.05)
        while time.monotonic() < until and client.get_eventcount(QUEUED) < 19:
            time.sleep(0.05)
    client.set_setting("shape", {"round": True})


def after() -> None:
    assert sorted(client.get_buckets()) == [BEATS, EVENTS, QUEUED]
    beats = client.get_events(BEATS, limit=-1)
    assert len(beats) == 100, len(beats)
    assert {event.duration for event in beats} == {timedelta(seconds=2)}
    assert beats[0].timestamp > beats[-1].timestamp
    assert client.get_eventcount(EVENTS) == 501
    assert client.get_eventcount(QUEUED) >= 19, client.get_eventcount(QUEUED)
    part = client.get_events(EVENTS, start=START, end=START + timedelta(seconds=9.9))
    assert sorted(event.data["n"] for event in part) == list(range(10)), part
    period = (START - timedelta(hours=1), START + timedelta(hours=1))
    program = """
        events = flood(query_bucket(find_bucket("beats_")));
        most = sort_by_duration(merge_events_by_keys(events, ["app"]));
        RETURN = {"longest": limit_events(most, 3), "seconds": sum_durations(most)};
    """
    [answer] = client.query(program, [period])
    assert len(answer["longest"]) == 3
    assert 298 <= answer["seconds"] <= 300, answer["seconds"]
    exported = client.export_all()["buckets"]
    assert len(exported[BEATS]["events"]) == 100
    client.delete_bucket(BEATS, force=True)
    client.import_bucket(exported[BEATS])
    client.import_bucket(exported[BEATS])
    assert client.get_eventcount(BEATS) == 100
    event = client.get_events(EVENTS, limit=1)[0]
    assert client.get_event(EVENTS, event.id) == event
    client.delete_event(EVENTS, event.id)
    assert client.get_eventcount(EVENTS) == 500
    assert client.get_setting("shape") == {"round": True}


{"before": before, "after": after}[PART]()
print("ok")
