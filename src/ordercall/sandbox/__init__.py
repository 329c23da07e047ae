"""The other side of the product: a Kalimera and a Shopify to try against. Nobody is really called.

provider.py    what both fakes share: a record of the calls, and the ways in which they can break
faults.py      the answers that they give when they are broken on purpose
kalimera.py    FakeKalimera: contacts, the campaign and its list
shopify.py     FakeShopify: the Admin API of one shop. Its parts: shopify_tokens.py (who comes in), limits.py,
               order_book.py (the orders, and who is told of their changes), cancel_jobs.py, subscriptions.py,
               api_versions.py, rest_lists.py, rest_webhooks.py, and for GraphQL shopify_graphql.py over shopify.graphql
               with graphql_resolvers.py, graphql_views.py, graphql_cost.py; order_search.py serves both
orders.py      make_order: a Shopify order as a webhook carries it
webhooks.py    signs webhooks and sends them, again and again as Shopify does
shop.py        Shop: places orders and keeps an eye on them
customers.py   Customers: they answer the call and the agent reports what they said
app.py         create_sandbox: all of it in one Flask application
server.py      run_in_thread for tests, serve for the command ``ordercall sandbox``
"""
