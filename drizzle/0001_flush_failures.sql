CREATE TABLE "flush_failures" (
	"season" text COLLATE "C" NOT NULL,
	"player" text COLLATE "C" NOT NULL,
	"record" jsonb NOT NULL,
	"reason" text NOT NULL,
	"sqlstate" text NOT NULL,
	"epoch" bigint NOT NULL,
	"rev" bigint NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "flush_failures_pkey" PRIMARY KEY("season","player")
);
--> statement-breakpoint
ALTER TABLE "flush_failures" ADD CONSTRAINT "flush_failures_season_seasons_id_fk" FOREIGN KEY ("season") REFERENCES "public"."seasons"("id") ON DELETE no action ON UPDATE no action;