# Ordercall as one small image: `ordercall serve` on one machine, or `web` and `worker` apart (compose.yaml).

FROM python:3.12-slim AS build
WORKDIR /build
RUN python -m venv --without-pip /opt/ordercall
COPY requirements/run.txt requirements/run.txt
RUN pip --python /opt/ordercall/bin/python install --no-cache-dir --require-hashes --requirement requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN pip --python /opt/ordercall/bin/python install --no-cache-dir --no-deps --no-build-isolation . \
    && pip --python /opt/ordercall/bin/python uninstall --yes setuptools
COPY requirements/packages.py requirements/sbom.py requirements/
RUN /opt/ordercall/bin/python requirements/sbom.py >/opt/ordercall/sbom.cdx.json

FROM python:3.12-slim
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin ordercall \
    && install --directory --owner ordercall --group ordercall --mode 0700 /data
COPY --from=build /opt/ordercall /opt/ordercall
ENV PATH=/opt/ordercall/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=5000 \
    DATABASE_PATH=/data/shopify_orders.db
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/health\", timeout=4)"]
CMD ["ordercall", "serve"]
