CREATE TABLE "season_events" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"season" text COLLATE "C" NOT NULL,
	"type" text NOT NULL,
	"at" bigint NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" bigint,
	"delivered_at" bigint,
	"problem" text,
	CONSTRAINT "season_events_type" CHECK ("season_events"."type" in ('season.started', 'season.ended', 'season.closed'))
);
--> statement-breakpoint
ALTER TABLE "boards" ADD COLUMN "boundary_at" bigint;--> statement-breakpoint
ALTER TABLE "seasons" ADD COLUMN "ends_at" bigint;--> statement-breakpoint
ALTER TABLE "seasons" ADD COLUMN "frozen_at" bigint;--> statement-breakpoint
ALTER TABLE "season_events" ADD CONSTRAINT "season_events_season_seasons_id_fk" FOREIGN KEY ("season") REFERENCES "public"."seasons"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "season_events_due" ON "season_events" USING btree ("next_attempt_at") WHERE "season_events"."next_attempt_at" is not null;--> statement-breakpoint
CREATE INDEX "season_events_undelivered" ON "season_events" USING btree ("at") WHERE "season_events"."delivered_at" is null;--> statement-breakpoint
CREATE INDEX "boards_boundary" ON "boards" USING btree ("boundary_at") WHERE "boards"."boundary_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "seasons_one_upcoming" ON "seasons" USING btree ("board") WHERE "seasons"."state" = 'upcoming';