CREATE TABLE "audit_log" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" bigint DEFAULT (extract(epoch from clock_timestamp()) * 1000)::bigint NOT NULL,
	"by" text NOT NULL,
	"action" text NOT NULL,
	"target" text NOT NULL,
	"detail" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "awards" (
	"season" text COLLATE "C" NOT NULL,
	"player" text COLLATE "C" NOT NULL,
	"settlement" text COLLATE "C" NOT NULL,
	"rank" integer NOT NULL,
	"score" bigint NOT NULL,
	"amount_minor" bigint NOT NULL,
	CONSTRAINT "awards_pkey" PRIMARY KEY("season","player"),
	CONSTRAINT "awards_amount_minor" CHECK ("awards"."amount_minor" between 1 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "boards" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"title" text NOT NULL,
	"kind" text NOT NULL,
	"sort_order" text NOT NULL,
	"operator" text NOT NULL,
	"rules" jsonb NOT NULL,
	"created_at" bigint DEFAULT (extract(epoch from clock_timestamp()) * 1000)::bigint NOT NULL,
	CONSTRAINT "boards_kind" CHECK ("boards"."kind" in ('open', 'match')),
	CONSTRAINT "boards_sort_order" CHECK ("boards"."sort_order" in ('desc', 'asc')),
	CONSTRAINT "boards_operator" CHECK ("boards"."operator" in ('best', 'latest', 'sum'))
);
--> statement-breakpoint
CREATE TABLE "final_scores" (
	"season" text COLLATE "C" NOT NULL,
	"match" text COLLATE "C" NOT NULL,
	"player" text COLLATE "C" NOT NULL,
	"score" bigint NOT NULL,
	"accepted_at" bigint NOT NULL,
	"live_at" bigint,
	CONSTRAINT "final_scores_pkey" PRIMARY KEY("season","match","player"),
	CONSTRAINT "final_scores_score" CHECK ("final_scores"."score" between -9007199254740991 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "matches" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"season" text COLLATE "C" NOT NULL,
	"board" text COLLATE "C" NOT NULL,
	"started_at" bigint NOT NULL,
	"ended_at" bigint
);
--> statement-breakpoint
CREATE TABLE "players" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"hidden" boolean DEFAULT false NOT NULL,
	"created_at" bigint DEFAULT (extract(epoch from clock_timestamp()) * 1000)::bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "seasons" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"board" text COLLATE "C" NOT NULL,
	"number" integer NOT NULL,
	"state" text NOT NULL,
	"epoch" bigint DEFAULT 1 NOT NULL,
	"started_at" bigint NOT NULL,
	"closing_at" bigint,
	"closed_at" bigint,
	CONSTRAINT "seasons_board_number" UNIQUE("board","number"),
	CONSTRAINT "seasons_state" CHECK ("seasons"."state" in ('upcoming', 'open', 'closing', 'closed', 'settled')),
	CONSTRAINT "seasons_number" CHECK ("seasons"."number" >= 1),
	CONSTRAINT "seasons_epoch" CHECK ("seasons"."epoch" >= 1)
);
--> statement-breakpoint
CREATE TABLE "settled_standings" (
	"season" text COLLATE "C" NOT NULL,
	"rank" integer NOT NULL,
	"player" text COLLATE "C" NOT NULL,
	"score" bigint NOT NULL,
	"achieved_at" bigint NOT NULL,
	CONSTRAINT "settled_standings_pkey" PRIMARY KEY("season","rank")
);
--> statement-breakpoint
CREATE TABLE "settlements" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"season" text COLLATE "C" NOT NULL,
	"settled_at" bigint NOT NULL,
	"settled_by" text NOT NULL,
	"standings" integer NOT NULL,
	"currency" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"sha256" text NOT NULL,
	CONSTRAINT "settlements_season" UNIQUE("season"),
	CONSTRAINT "settlements_sha256" CHECK ("settlements"."sha256" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "settlements_amount_minor" CHECK ("settlements"."amount_minor" between 0 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "snapshot_entries" (
	"season" text COLLATE "C" NOT NULL,
	"player" text COLLATE "C" NOT NULL,
	"score" bigint NOT NULL,
	"achieved_at" bigint NOT NULL,
	"confirmed" bigint,
	"confirmed_at" bigint,
	"finals" integer NOT NULL,
	"provisional" bigint,
	"provisional_at" bigint,
	"match_key" text COLLATE "C" NOT NULL,
	"match_ended" boolean NOT NULL,
	"seqs" text NOT NULL,
	"epoch" bigint NOT NULL,
	"rev" bigint NOT NULL,
	"updated_at" bigint NOT NULL,
	CONSTRAINT "snapshot_entries_pkey" PRIMARY KEY("season","player"),
	CONSTRAINT "snapshot_entries_score" CHECK ("snapshot_entries"."score" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "snapshot_entries_confirmed" CHECK ("snapshot_entries"."confirmed" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "snapshot_entries_provisional" CHECK ("snapshot_entries"."provisional" between -9007199254740991 and 9007199254740991)
) WITH (fillfactor = 70);
--> statement-breakpoint
CREATE TABLE "standings" (
	"season" text COLLATE "C" NOT NULL,
	"player" text COLLATE "C" NOT NULL,
	"score" bigint NOT NULL,
	"achieved_at" bigint NOT NULL,
	"finals" integer NOT NULL,
	"match_key" text COLLATE "C" NOT NULL,
	CONSTRAINT "standings_pkey" PRIMARY KEY("season","player"),
	CONSTRAINT "standings_score" CHECK ("standings"."score" between -9007199254740991 and 9007199254740991),
	CONSTRAINT "standings_finals" CHECK ("standings"."finals" >= 1)
);
--> statement-breakpoint
CREATE TABLE "watermarks" (
	"season" text COLLATE "C" PRIMARY KEY NOT NULL,
	"epoch" bigint NOT NULL,
	"version" bigint NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "awards" ADD CONSTRAINT "awards_season_seasons_id_fk" FOREIGN KEY ("season") REFERENCES "public"."seasons"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "awards" ADD CONSTRAINT "awards_player_players_id_fk" FOREIGN KEY ("player") REFERENCES "public"."players"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "awards" ADD CONSTRAINT "awards_settlement_settlements_id_fk" FOREIGN KEY ("settlement") REFERENCES "public"."settlements"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "final_scores" ADD CONSTRAINT "final_scores_season_seasons_id_fk" FOREIGN KEY ("season") REFERENCES "public"."seasons"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "final_scores" ADD CONSTRAINT "final_scores_match_matches_id_fk" FOREIGN KEY ("match") REFERENCES "public"."matches"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "final_scores" ADD CONSTRAINT "final_scores_player_players_id_fk" FOREIGN KEY ("player") REFERENCES "public"."players"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "matches" ADD CONSTRAINT "matches_season_seasons_id_fk" FOREIGN KEY ("season") REFERENCES "public"."seasons"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "matches" ADD CONSTRAINT "matches_board_boards_id_fk" FOREIGN KEY ("board") REFERENCES "public"."boards"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "seasons" ADD CONSTRAINT "seasons_board_boards_id_fk" FOREIGN KEY ("board") REFERENCES "public"."boards"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "settled_standings" ADD CONSTRAINT "settled_standings_season" FOREIGN KEY ("season") REFERENCES "public"."seasons"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "settlements" ADD CONSTRAINT "settlements_season_seasons_id_fk" FOREIGN KEY ("season") REFERENCES "public"."seasons"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "standings" ADD CONSTRAINT "standings_season_seasons_id_fk" FOREIGN KEY ("season") REFERENCES "public"."seasons"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "standings" ADD CONSTRAINT "standings_player_players_id_fk" FOREIGN KEY ("player") REFERENCES "public"."players"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "watermarks" ADD CONSTRAINT "watermarks_season_seasons_id_fk" FOREIGN KEY ("season") REFERENCES "public"."seasons"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_log_target" ON "audit_log" USING btree ("target","at");--> statement-breakpoint
CREATE INDEX "final_scores_not_live" ON "final_scores" USING btree ("accepted_at") WHERE "final_scores"."live_at" is null;--> statement-breakpoint
CREATE INDEX "matches_season" ON "matches" USING btree ("season","started_at");--> statement-breakpoint
CREATE UNIQUE INDEX "seasons_one_open" ON "seasons" USING btree ("board") WHERE "seasons"."state" = 'open';--> statement-breakpoint
CREATE INDEX "seasons_live" ON "seasons" USING btree ("board") WHERE "seasons"."state" in ('open', 'closing');--> statement-breakpoint
CREATE INDEX "seasons_closed" ON "seasons" USING btree ("closed_at");