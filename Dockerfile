# One image for all services: `poolkeeper` with its arguments. Its data, and with SQLite all of it, is in /data.
FROM python:3.13-slim AS build
COPY requirements.lock /build/
RUN pip download --quiet --require-hashes --only-binary :all: --dest /wheels --requirement /build/requirements.lock
COPY . /build/
# Only what the program needs, and only from the wheels whose hashes were right.
RUN python -m venv --without-pip /opt/poolkeeper \
    && pip --python /opt/poolkeeper/bin/python install --quiet --no-index --find-links /wheels /build

FROM python:3.13-slim
COPY --from=build /opt/poolkeeper /opt/poolkeeper
RUN useradd --system --uid 8400 --no-create-home poolkeeper && install -d -m 0700 -o poolkeeper -g poolkeeper /data
ENV PATH=/opt/poolkeeper/bin:$PATH PYTHONDONTWRITEBYTECODE=1 POOLKEEPER_DATA=/data POOLKEEPER_HOST=0.0.0.0
WORKDIR /data
VOLUME /data
USER poolkeeper
EXPOSE 8400 8401 8402
ENTRYPOINT ["poolkeeper"]
CMD ["serve"]
