import time, os
from holding import placed, forget_jobs
from ordercall.domain.orders import Status
from concurrent.futures import ThreadPoolExecutor

def test_measure(house):
    n = int(os.environ.get("N", "1000"))
    house.publish("hold", until_answered=True)
    house.shopify.graphql_bucket.size = 10**9
    b = house.shopify.graphql_bucket
    b.rate = 0
    ids = [placed(house, i) for i in range(1, n + 1)]
    costs = []
    start = time.perf_counter(); c0 = len(house.shopify.calls); u0 = b._used
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(house.holds.align, ids))
    held = time.perf_counter() - start; c1 = len(house.shopify.calls); u1 = b._used
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(house.holds.align, ids))
    c2 = len(house.shopify.calls); u2 = b._used
    for i in ids:
        house.orders.change_status(i, Status.SUCCESS, by="the agent")
    start = time.perf_counter()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(house.holds.align, ids))
    rel = time.perf_counter() - start; c3 = len(house.shopify.calls); u3 = b._used
    print("N", n, "hold s", held, "calls", (c1 - c0) / n, "echo", (c2 - c1) / n, "release s", rel, "calls", (c3 - c2) / n, "points", (u1-u0)/n, (u2-u1)/n, (u3-u2)/n)
