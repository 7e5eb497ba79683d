# syntax=docker/dockerfile:1

# ── What is built ─────────────────────────────────────────────────────────────────────────────────────────────────
FROM node:24.21.0-trixie-slim AS build
WORKDIR /app
COPY . .

# Scripts of packages are not run: one of them would bring a second Node, for machines that have an older one.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
RUN npm run build

# From here on only what runs: no tools, and no embedded Postgres, whose binaries are optional packages.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund \
      --workspace=@spillway/server --omit=dev --omit=optional
RUN rm -rf packages/*/src apps/*/src node_modules/effect/src node_modules/effect/ai-docs node_modules/@effect/*/src node_modules/zod/src \
 && find node_modules packages apps -type f \
      \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

# ── What is run ───────────────────────────────────────────────────────────────────────────────────────────────────
FROM node:24.21.0-trixie-slim
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Spillway" \
      org.opencontainers.image.description="An event-sourced orchestration engine for AI agent threads" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/packages ./packages
COPY --from=build /app/apps ./apps

# A container is reached from outside on any address: without SPILLWAY_TOKEN the server says so and ends.
ENV NODE_ENV=production \
    SPILLWAY_HOST=0.0.0.0 \
    SPILLWAY_PORT=4000 \
    SPILLWAY_LOG=json

# The base image's user `node`, by its number, so that an orchestrator sees that it is not root. It owns nothing here, and the server
# writes nothing: the root file system may be read-only.
USER 1000:1000
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.SPILLWAY_PORT + '/health/ready').then(async (r) => { console.log(await r.text()); process.exit(r.ok ? 0 : 1) })"]

# Node is process 1 and deals with SIGTERM and SIGINT itself: it takes no more, finishes what is under way, and exits with 0.
ENTRYPOINT ["node", "apps/server/dist/bin.js"]
CMD ["serve"]
