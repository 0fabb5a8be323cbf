# failoverd in a container: a numeric user without privileges, a root file system that may be read-only, one volume.
# Both images bring Node 24 along; the first one npm and a C compiler, too.
ARG BUILD_IMAGE=node:24-bookworm
ARG BASE_IMAGE=node:24-bookworm-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
COPY native native
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && node native/build.mjs --prebuild && npm prune --omit=dev --omit=optional && mkdir /data

FROM ${BASE_IMAGE}
ARG VERSION=unreleased
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="failoverd" \
      org.opencontainers.image.description="DNS-based failover: an authoritative name server" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /opt/failoverd
COPY package.json LICENSE ./
COPY migrations migrations
COPY --from=build /src/node_modules node_modules
COPY --from=build /src/prebuilds prebuilds
COPY --from=build /src/dist dist
COPY --from=build --chown=65532:65532 /data /var/lib/failoverd
USER 65532:65532
# As bin/failoverd does.
ENV NODE_ENV=production MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=131072
VOLUME /var/lib/failoverd
EXPOSE 5353/udp 5353/tcp 8053/tcp
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s \
  CMD ["node", "/opt/failoverd/dist/main.js", "healthcheck", "--config", "/etc/failoverd/failoverd.yaml"]
ENTRYPOINT ["node", "--max-semi-space-size=4", "--v8-pool-size=2", "/opt/failoverd/dist/main.js"]
CMD ["serve", "--config", "/etc/failoverd/failoverd.yaml"]
