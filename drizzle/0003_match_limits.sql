CREATE TABLE "match_players" (
	"season" text COLLATE "C" NOT NULL,
	"match" text COLLATE "C" NOT NULL,
	"player" text COLLATE "C" NOT NULL,
	"joined_at" bigint NOT NULL,
	CONSTRAINT "match_players_pkey" PRIMARY KEY("season","match","player")
);
--> statement-breakpoint
ALTER TABLE "matches" ADD COLUMN "limits" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "matches" ADD COLUMN "rostered" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "match_players" ADD CONSTRAINT "match_players_match_matches_id_fk" FOREIGN KEY ("match") REFERENCES "public"."matches"("id") ON DELETE no action ON UPDATE no action;