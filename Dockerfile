# Concord for production: only what runs, as an ordinary user. `docker build .` makes it; docs/operations.md says what it needs to start.
ARG NODE_IMAGE=node:24-bookworm-slim

# Node comes with the image, and PostgreSQL from a server: the optional packages that bring them are left out. No package's install script is run.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=optional --ignore-scripts
COPY tsconfig.json ./
COPY src ./src
RUN npm run build

# Stand-ins for the vendors, for trying Concord without an account; never for production. They run from source.
FROM ${NODE_IMAGE} AS sandbox
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY sandbox ./sandbox
RUN mkdir /data && chown node:node /data
ENV SANDBOX_HOST=0.0.0.0
ENV SANDBOX_STATE=/data/sandbox.json
USER node
EXPOSE 4000
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.SANDBOX_PORT || 4000) + '/').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--disable-warning=ExperimentalWarning", "sandbox/main.ts"]

FROM ${NODE_IMAGE} AS app
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
# Keys of an installation that is given none, and tokens that the database could not take: it must outlive the container.
RUN mkdir /data && chown node:node /data
ENV NODE_ENV=production
ENV HOST=0.0.0.0
ENV CONCORD_DATA_DIR=/data
USER node
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 3000) + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--enable-source-maps", "--disable-warning=ExperimentalWarning", "dist/main.js"]
CMD ["--role=all"]
