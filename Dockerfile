# syntax=docker/dockerfile:1
FROM node:24-slim AS manifests
WORKDIR /app
# Manifests first: the layers with the packages are reused until one of these changes. npm wants all of the workspaces'.
COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY server/package.json server/
COPY client-sim/package.json client-sim/
COPY test/package.json test/

FROM manifests AS build
RUN npm ci --ignore-scripts
COPY tsconfig.base.json ./
COPY shared shared
COPY server server
RUN npm run build

# Only what the server needs at run time: no compiler, no test tools, no embedded database.
FROM manifests AS packages
RUN npm ci --omit=dev --ignore-scripts --workspace=@photofinish/server --workspace=@photofinish/shared

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080
WORKDIR /app
# Whole, because npm puts some packages below server/.
COPY --from=packages /app ./
COPY LICENSE boards.json ./
COPY drizzle drizzle
COPY --from=build /app/shared/dist shared/dist
COPY --from=build /app/server/dist server/dist
USER node
EXPOSE 8080
# Without a shell, so that SIGTERM reaches Node, which then drains.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server/dist/main.js"]
