CREATE TABLE "hidden_players" (
	"board" text COLLATE "C" NOT NULL,
	"player" text COLLATE "C" NOT NULL,
	"at" bigint DEFAULT (extract(epoch from clock_timestamp()) * 1000)::bigint NOT NULL,
	"by" text NOT NULL,
	CONSTRAINT "hidden_players_pkey" PRIMARY KEY("board","player")
);
--> statement-breakpoint
CREATE TABLE "hiding_versions" (
	"board" text COLLATE "C" PRIMARY KEY NOT NULL,
	"version" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "hidden_players" ADD CONSTRAINT "hidden_players_board_boards_id_fk" FOREIGN KEY ("board") REFERENCES "public"."boards"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hidden_players" ADD CONSTRAINT "hidden_players_player_players_id_fk" FOREIGN KEY ("player") REFERENCES "public"."players"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "hidden_players_player" ON "hidden_players" USING btree ("player");--> statement-breakpoint
CREATE INDEX "players_hidden" ON "players" USING btree ("id") WHERE "players"."hidden";