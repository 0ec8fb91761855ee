CREATE TABLE "flags" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"board" text COLLATE "C" NOT NULL,
	"season" text COLLATE "C" NOT NULL,
	"match" text COLLATE "C" NOT NULL,
	"player" text COLLATE "C" NOT NULL,
	"detail" jsonb NOT NULL,
	"at" bigint NOT NULL,
	"status" text DEFAULT 'open' NOT NULL,
	"decided_at" bigint,
	"decided_by" text,
	CONSTRAINT "flags_once" UNIQUE("season","match","player","kind"),
	CONSTRAINT "flags_status" CHECK ("flags"."status" in ('open', 'cleared', 'confirmed'))
);
--> statement-breakpoint
ALTER TABLE "final_scores" ADD COLUMN "last_tick" bigint;--> statement-breakpoint
ALTER TABLE "flags" ADD CONSTRAINT "flags_season_seasons_id_fk" FOREIGN KEY ("season") REFERENCES "public"."seasons"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "flags_open" ON "flags" USING btree ("season","player") WHERE "flags"."status" = 'open';--> statement-breakpoint
CREATE INDEX "flags_board" ON "flags" USING btree ("board","id");