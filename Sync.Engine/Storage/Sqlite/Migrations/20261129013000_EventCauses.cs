using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Sync.Engine.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    internal sealed partial class EventCauses : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // WITHOUT ROWID keeps the key once instead of twice; EF Core has no word for it.
            migrationBuilder.Sql(
                """
                CREATE TABLE "event_causes" (
                    "room" INTEGER NOT NULL,
                    "cause" INTEGER NOT NULL,
                    "seq" INTEGER NOT NULL,
                    CONSTRAINT "PK_event_causes" PRIMARY KEY ("room", "cause", "seq"),
                    CONSTRAINT "FK_event_causes_rooms_room" FOREIGN KEY ("room") REFERENCES "rooms" ("row") ON DELETE RESTRICT
                ) WITHOUT ROWID;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "event_causes");
        }
    }
}
