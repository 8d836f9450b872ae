# The first stage installs what the lock names, by its hashes, and then our wheel; the second takes
# no more of it than the environment that came of that.

FROM python:3.11-slim-bookworm AS build
WORKDIR /build
RUN python -m venv /opt/designer-bff
COPY requirements.lock ./
RUN /opt/designer-bff/bin/pip install --no-cache-dir --disable-pip-version-check \
      --require-hashes --only-binary :all: --requirement requirements.lock
COPY . ./
RUN /opt/designer-bff/bin/python -m hatchling build --target wheel --directory dist \
 && /opt/designer-bff/bin/pip install --no-cache-dir --disable-pip-version-check \
      --no-index --no-deps dist/*.whl \
 && /opt/designer-bff/bin/pip uninstall --yes uv hatchling pip setuptools

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 bff \
 && useradd --uid 10001 --gid bff --no-create-home --home-dir /var/lib/designer-bff \
      --shell /usr/sbin/nologin bff \
 && install --directory --owner bff --group bff /var/lib/designer-bff
COPY --from=build /opt/designer-bff /opt/designer-bff
ENV PATH=/opt/designer-bff/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/var/lib/designer-bff
USER 10001:10001
WORKDIR /var/lib/designer-bff
VOLUME /var/lib/designer-bff
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/health/ready\", timeout=4)"]
ENTRYPOINT ["designer-bff"]
CMD ["serve"]
