"""Single-row selects by primary key through other languages' pools. Prints "name rate" lines."""

import asyncio
import random
import sys
import threading
import time

import asyncpg
import sqlalchemy

DSN, SECONDS = sys.argv[1], float(sys.argv[2])
SQL = "SELECT abalance FROM pgbench_accounts WHERE aid = "
ROWS = 100_000


def sqlalchemy_psycopg(connections: int, workers: int) -> float:
    """QueuePool and psycopg, one checkout a statement, prepared from the fifth use on, as psycopg does by default."""
    engine = sqlalchemy.create_engine(
        DSN.replace("postgresql://", "postgresql+psycopg://"), pool_size=connections, max_overflow=0
    )
    statement = sqlalchemy.text(SQL + ":aid")
    counts = [0] * workers
    end = time.monotonic() + SECONDS

    def work(index: int) -> None:
        while time.monotonic() < end:
            with engine.connect() as connection:
                connection.execute(statement, {"aid": random.randint(1, ROWS)}).scalar_one()
            counts[index] += 1

    threads = [threading.Thread(target=work, args=(index,)) for index in range(workers)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.monotonic() - start
    engine.dispose()
    return sum(counts) / elapsed


async def asyncpg_pool(connections: int, workers: int) -> float:
    """asyncpg's pool, one checkout a statement; asyncpg prepares and caches by itself."""
    pool = await asyncpg.create_pool(DSN, min_size=connections, max_size=connections)
    counts = [0] * workers
    end = time.monotonic() + SECONDS

    async def work(index: int) -> None:
        while time.monotonic() < end:
            async with pool.acquire() as connection:
                await connection.fetchval(SQL + "$1", random.randint(1, ROWS))
            counts[index] += 1

    start = time.monotonic()
    await asyncio.gather(*(work(index) for index in range(workers)))
    elapsed = time.monotonic() - start
    await pool.close()
    return sum(counts) / elapsed


async def asyncpg_one() -> float:
    """One asyncpg connection and nothing between."""
    connection = await asyncpg.connect(DSN)
    count, start = 0, time.monotonic()
    while time.monotonic() < start + SECONDS:
        await connection.fetchval(SQL + "$1", random.randint(1, ROWS))
        count += 1
    elapsed = time.monotonic() - start
    await connection.close()
    return count / elapsed


print("sqlalchemy-20", sqlalchemy_psycopg(20, 20), flush=True)
print("asyncpg-20", asyncio.run(asyncpg_pool(20, 200)), flush=True)
print("asyncpg-1", asyncio.run(asyncpg_one()), flush=True)
