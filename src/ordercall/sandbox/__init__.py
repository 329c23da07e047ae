"""The other side of the product: a Kalimera and a Shopify to try against. Nobody is really called.

provider.py    what both fakes share: a record of the calls, and the switches that break them
faults.py      the answers of a provider that is broken on purpose; control.py sets the switches by name
kalimera.py    FakeKalimera: contacts, campaigns and their lists
shopify.py     FakeShopify: the Admin API of one shop. Its parts: shopify_tokens.py, limits.py (rate limits),
               order_book.py (the orders and the webhooks of their changes), cancel_jobs.py, subscriptions.py,
               api_versions.py, rest_lists.py, and for GraphQL shopify_graphql.py over shopify.graphql with
               graphql_resolvers.py, graphql_views.py, graphql_cost.py; order_search.py is for both
orders.py      make_order: a Shopify order as a webhook carries it
webhooks.py    signs webhooks, sends and retries them as Shopify does, with the faults of delivery_plan.py
shop.py        Shop: places orders, and sends a webhook of each change
dialer.py      Dialer: whom Kalimera rings when, within the window
talks.py       the customers who have a number of their own, and what the agent posts of each
customers.py   Customers: they pick up, and the agent reports what they say; agent.py sends it
schedule.py    what all of these do later
page.py        the page for people, and the same in JSON
app.py         create_sandbox: all of it in one Flask application
server.py      run_in_thread for tests, serve for the command ``ordercall sandbox``
"""
