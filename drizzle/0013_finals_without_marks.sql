CREATE TABLE "pending_finals" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"seasons" text[] NOT NULL,
	"matches" text[] NOT NULL,
	"players" text[] NOT NULL
);
--> statement-breakpoint
ALTER TABLE "final_scores" DROP CONSTRAINT "final_scores_season_seasons_id_fk";
--> statement-breakpoint
ALTER TABLE "final_scores" DROP CONSTRAINT "final_scores_match_matches_id_fk";
--> statement-breakpoint
ALTER TABLE "final_scores" DROP CONSTRAINT "final_scores_player_players_id_fk";
--> statement-breakpoint
ALTER TABLE "standings" DROP CONSTRAINT "standings_season_seasons_id_fk";
--> statement-breakpoint
ALTER TABLE "standings" DROP CONSTRAINT "standings_player_players_id_fk";
--> statement-breakpoint
INSERT INTO "pending_finals" ("id", "at", "seasons", "matches", "players")
SELECT 'match~' || "match", max("accepted_at"), array_agg("season" ORDER BY "player"), array_agg("match" ORDER BY "player"), array_agg("player" ORDER BY "player")
FROM "final_scores" WHERE "live_at" IS NULL GROUP BY "match";
--> statement-breakpoint
DROP INDEX "final_scores_not_live";--> statement-breakpoint
CREATE INDEX "pending_finals_at" ON "pending_finals" USING btree ("at");--> statement-breakpoint
ALTER TABLE "final_scores" DROP COLUMN "live_at";--> statement-breakpoint
ALTER TABLE "standings" SET (fillfactor = 70);
