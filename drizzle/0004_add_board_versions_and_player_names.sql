ALTER TABLE "boards" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "boards" ADD COLUMN "updated_at" bigint DEFAULT (extract(epoch from clock_timestamp()) * 1000)::bigint NOT NULL;--> statement-breakpoint
ALTER TABLE "boards" ADD COLUMN "archived_at" bigint;--> statement-breakpoint
ALTER TABLE "players" ADD COLUMN "name" text;--> statement-breakpoint
ALTER TABLE "players" ADD COLUMN "name_at" bigint;