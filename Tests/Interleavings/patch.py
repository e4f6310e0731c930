#!/usr/bin/env python3
"""Copies the pool's sources to a folder, with a question before each check that a mutation leaves out.

    patch.py SOURCES FOLDER

Unless a mutation is asked for, the answer is no and the code does what it does in the pool. A check that is not found where it
is looked for, just once, is an error: the list below is then to be brought up to date.
"""
import pathlib
import sys

# Of the model, which has its own.
REPLACED = {"PoolLock.swift", "CurrentTask.swift", "LoanMarks.swift"}

# Name, file, text, and what takes its place; § stands for the question whether it is left out.
REMOVALS = [
    ("take: the slow bit", "SlotTable.swift",
     "if seen & Self.slow != 0 { return -1 }", "if !§, seen & Self.slow != 0 { return -1 }"),
    ("take: the comparison", "SlotTable.swift",
     "expected: seen, desired: seen & (seen &- 1)",
     "expected: § ? groups[index].word.load(ordering: .relaxed) : seen, desired: seen & (seen &- 1)"),
    ("put: the slow bit", "SlotTable.swift", "while seen & Self.slow == 0 {", "while § || seen & Self.slow == 0 {"),
    ("put: the comparison", "SlotTable.swift",
     "expected: seen, desired: seen | bit",
     "expected: § ? groups[index].word.load(ordering: .relaxed) : seen, desired: seen | bit"),
    ("seize: taking the idle bits out", "SlotTable.swift",
     "groups[index].word.exchange(Self.slow, ordering: .acquiringAndReleasing) & ~Self.slow",
     "(§ ? groups[index].word.load(ordering: .acquiring)"
     " : groups[index].word.exchange(Self.slow, ordering: .acquiringAndReleasing)) & ~Self.slow"),
    ("restore: the slow bit", "SlotTable.swift", "(slow ? Self.slow : 0)", "(slow && !§ ? Self.slow : 0)"),
    ("reserve: a group before its count", "SlotTable.swift",
     "(groups + index).initialize(to: Group(cells: cells))\n",
     "if § { header.pointee.groupCount.store(index + 1, ordering: .releasing) }\n"
     "            (groups + index).initialize(to: Group(cells: cells))\n"),
    ("acquire: the generation", "Pool+Acquiring.swift",
     "if cell.pointee.generation != table.header", "if !§, cell.pointee.generation != table.header"),
    ("enqueue: cancellation under the lock", "Pool+Acquiring.swift", "if Task.isCancelled {", "if !§, Task.isCancelled {"),
    ("enqueue: shutdown under the lock", "Pool+Acquiring.swift",
     "} else if state.machine.isShutdown {", "} else if !§, state.machine.isShutdown {"),
    ("withdraw: a waiter not yet in line", "Pool+Acquiring.swift", "if number != 0 {", "if § || number != 0 {"),
    ("wait: idle slots once in line", "PoolStateMachine+Waiters.swift",
     "if !isProving { serve(now: now) }", "if !isProving, !§ { serve(now: now) }"),
    ("remove: the round of a waiter", "WaiterQueue.swift",
     "nodes[Int(id.index)].round == id.round else", "§ || nodes[Int(id.index)].round == id.round else"),
    ("return: the size", "Pool+Returning.swift",
     "slot < table.header.pointee.size.load(ordering: .relaxed)",
     "§ || slot < table.header.pointee.size.load(ordering: .relaxed)"),
    ("return: the generation", "Pool+Returning.swift",
     "cell.pointee.generation == table.header", "§ || cell.pointee.generation == table.header"),
    ("return: a forced shutdown", "PoolStateMachine+Connections.swift",
     "guard slots[slot].state == .ready else { return }\n        if state == .broken",
     "guard § || slots[slot].state == .ready else { return }\n        if state == .broken"),
    ("resume: serving those that wait", "PoolStateMachine+Upkeep.swift",
     "overload?.reset()\n        serve(now: now)", "overload?.reset()\n        if !§ { serve(now: now) }"),
    ("bring: the value before the waiter wakes", "Delivery.swift",
     "final func bring(_ value: Value) {\n        self.value = value\n",
     "final func bring(_ value: Value) {\n        defer { if § { self.value = value } }\n"
     "        if !§ { self.value = value }\n"),
]


def main() -> None:
    sources, folder = map(pathlib.Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    texts = {file.name: file.read_text() for file in sources.glob("*.swift") if file.name not in REPLACED}
    for name, file, old, new in REMOVALS:
        if texts[file].count(old) != 1:
            sys.exit(f"error: {file} does not hold the check “{name}” just once; bring {sys.argv[0]} up to date")
        texts[file] = texts[file].replace(old, new.replace("§", f'isRemoved("{name}")'))
    for name, text in texts.items():
        target = folder / name
        # Unchanged files are left alone, so that they are not compiled again.
        if not target.exists() or target.read_text() != text:
            target.write_text(text)
    for target in folder.glob("*.swift"):
        if target.name not in texts:
            target.unlink()


main()
