"""A row by its key through other languages' drivers. Prints "name nanoseconds-per-read" lines."""

import asyncio
import sqlite3
import sys
import time

import aiosqlite
import sqlalchemy

PATH, SECONDS = sys.argv[1], float(sys.argv[2])
SQL = "SELECT id, name, beds FROM wards WHERE id = "
ROWS = 10_000


def per_read(body) -> float:
    """Calls the body with number after number for a while."""
    count, start = 0, time.perf_counter()
    while time.perf_counter() < start + SECONDS:
        for _ in range(50):
            body(count * 7919 % ROWS + 1)
            count += 1
    return (time.perf_counter() - start) / count * 1e9


def standard() -> float:
    """Python's own sqlite3, one connection, no pool: the C library with the least around it."""
    connection = sqlite3.connect(PATH)
    result = per_read(lambda key: connection.execute(SQL + "?", (key,)).fetchall())
    connection.close()
    return result


def alchemy() -> float:
    """SQLAlchemy's core with its QueuePool, one checkout a read."""
    engine = sqlalchemy.create_engine("sqlite:///" + PATH, poolclass=sqlalchemy.pool.QueuePool)
    statement = sqlalchemy.text(SQL + ":key")

    def read(key: int) -> None:
        with engine.connect() as connection:
            connection.execute(statement, {"key": key}).fetchall()

    result = per_read(read)
    engine.dispose()
    return result


async def asynchronous(tasks: int) -> float:
    """aiosqlite: one connection on a thread of its own, as many tasks as asked."""
    async with aiosqlite.connect(PATH) as connection:
        counts = [0] * tasks
        start = time.perf_counter()

        async def work(index: int) -> None:
            while time.perf_counter() < start + SECONDS:
                await connection.execute_fetchall(SQL + "?", ((counts[index] + index) * 7919 % ROWS + 1,))
                counts[index] += 1

        await asyncio.gather(*(work(index) for index in range(tasks)))
        return (time.perf_counter() - start) / sum(counts) * 1e9


print("sqlite3", standard(), flush=True)
print("sqlalchemy", alchemy(), flush=True)
print("aiosqlite-1", asyncio.run(asynchronous(1)), flush=True)
print("aiosqlite-200", asyncio.run(asynchronous(200)), flush=True)
