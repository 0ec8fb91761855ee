ALTER TABLE "final_scores" ADD COLUMN "columns_key" text COLLATE "C" DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "final_scores" ADD COLUMN "metadata" text;--> statement-breakpoint
ALTER TABLE "settled_standings" ADD COLUMN "columns_key" text COLLATE "C" DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "settled_standings" ADD COLUMN "metadata" text;--> statement-breakpoint
ALTER TABLE "snapshot_entries" ADD COLUMN "columns_key" text COLLATE "C" DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "snapshot_entries" ADD COLUMN "confirmed_columns_key" text COLLATE "C" DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "snapshot_entries" ADD COLUMN "provisional_columns_key" text COLLATE "C" DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "snapshot_entries" ADD COLUMN "metadata" text;--> statement-breakpoint
ALTER TABLE "snapshot_entries" ADD COLUMN "confirmed_metadata" text;--> statement-breakpoint
ALTER TABLE "snapshot_entries" ADD COLUMN "provisional_metadata" text;--> statement-breakpoint
ALTER TABLE "snapshot_entries" ADD COLUMN "bucket" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "standings" ADD COLUMN "columns_key" text COLLATE "C" DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "standings" ADD COLUMN "metadata" text;