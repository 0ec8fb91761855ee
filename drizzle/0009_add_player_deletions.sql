CREATE TABLE "player_deletions" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"target" text COLLATE "C",
	"pseudonym" text COLLATE "C",
	"requested_at" bigint NOT NULL,
	"by" text NOT NULL,
	"leased_until" bigint DEFAULT 0 NOT NULL,
	"erased_at" bigint,
	"finished_at" bigint
);
--> statement-breakpoint
ALTER TABLE "players" ADD COLUMN "deleted_at" bigint;--> statement-breakpoint
ALTER TABLE "settlements" ADD COLUMN "sha256_now" text;--> statement-breakpoint
CREATE UNIQUE INDEX "player_deletions_target" ON "player_deletions" USING btree ("target");--> statement-breakpoint
CREATE INDEX "player_deletions_due" ON "player_deletions" USING btree ("leased_until") WHERE "player_deletions"."finished_at" is null;