"""Callers who come at given moments to asyncpg's pool. Prints "name figure" lines; see run."""

import asyncio
import sys
import time

import asyncpg

DSN = sys.argv[1]
with open(sys.argv[2]) as file:
    ARRIVALS = [int(line) / 1e9 for line in file]
PATIENCE, WARM_UP, SECONDS = 1.0, 1.0, 6.0


async def main() -> None:
    pool = await asyncpg.create_pool(DSN, min_size=10, max_size=10)
    times: list[float] = []

    async def call(start: float, arrival: float) -> None:
        try:
            async with pool.acquire(timeout=PATIENCE) as connection:
                await connection.execute("SELECT pg_sleep(0.01)")
        except asyncio.TimeoutError:
            return
        if arrival >= WARM_UP:
            times.append(time.monotonic() - start - arrival)

    tasks = []
    start = time.monotonic()
    for arrival in ARRIVALS:
        pause = start + arrival - time.monotonic()
        if pause > 0:
            await asyncio.sleep(pause)
        tasks.append(asyncio.create_task(call(start, arrival)))
    await asyncio.gather(*tasks)
    await pool.close()
    times.sort()
    in_time = sum(1 for took in times if took <= PATIENCE)
    print("asyncpg-goodput", in_time / (SECONDS - WARM_UP))
    print("asyncpg-p99", times[min(len(times) - 1, len(times) * 99 // 100)] * 1e3 if times else 0)


asyncio.run(main())
