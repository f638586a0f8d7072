"""A run is a folder, and the folder is the only truth.

layout    where its files lie; names; find, create, rename, remove
manifest  run.json: what was decided at the start
record    the writing end of events.jsonl
follow    the reading end, in bounded slices
history   which events still count after a return to an earlier step
lock      one trainer at a time, with a heartbeat
control   the inbox of commands, and their acknowledgement
durable   files that are whole or not there
"""

from rnnlab.runs.control import (
    CheckpointNow,
    Command,
    Inbox,
    Pause,
    Resume,
    SampleNow,
    SetLearningRate,
    Stop,
    acknowledge,
    send,
    send_and_wait,
)
from rnnlab.runs.durable import atomic_write
from rnnlab.runs.follow import EventReader
from rnnlab.runs.heartbeat import LockState, lock_state
from rnnlab.runs.layout import RunFolder, create_run, find_run, list_runs, runs_dir
from rnnlab.runs.lock import RunLock
from rnnlab.runs.manifest import Manifest, read_manifest, write_manifest
from rnnlab.runs.record import Recorder
from rnnlab.runs.summary import RunSummary, summarize
from rnnlab.runs.supersede import effective

__all__ = [
    "CheckpointNow",
    "Command",
    "EventReader",
    "Inbox",
    "LockState",
    "Manifest",
    "Pause",
    "Recorder",
    "Resume",
    "RunFolder",
    "RunLock",
    "RunSummary",
    "SampleNow",
    "SetLearningRate",
    "Stop",
    "acknowledge",
    "atomic_write",
    "create_run",
    "effective",
    "find_run",
    "list_runs",
    "lock_state",
    "read_manifest",
    "runs_dir",
    "send",
    "send_and_wait",
    "summarize",
    "write_manifest",
]
