# One image for the API, the worker and the migrations; the command says which (see Procfile).
FROM python:3.12-slim-bookworm AS build
COPY requirements/main.txt /build/requirements.txt
RUN python -m venv /srv/venv \
    && /srv/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes \
       -r /build/requirements.txt

FROM python:3.12-slim-bookworm
# The account that runs it owns nothing but its own folder for files in the making.
RUN useradd --system --create-home --home-dir /var/lib/seedbed seedbed
COPY --from=build /srv/venv /srv/venv
WORKDIR /srv/seedbed
COPY requirements/link.py requirements/link.py
COPY app app
COPY tasks tasks
COPY migrations migrations
COPY sql sql
RUN /srv/venv/bin/python requirements/link.py && /srv/venv/bin/python -m compileall -q app tasks migrations
ENV PATH="/srv/venv/bin:$PATH" PYTHONUNBUFFERED=1
USER seedbed
EXPOSE 8080
CMD ["seedbed", "serve"]
