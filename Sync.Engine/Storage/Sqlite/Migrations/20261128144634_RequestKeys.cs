using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Sync.Engine.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    internal sealed partial class RequestKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_events_room_request_key",
                table: "events");

            migrationBuilder.CreateIndex(
                name: "IX_events_room_at_ms_seq_agent_request_key",
                table: "events",
                columns: new[] { "room", "at_ms", "seq", "agent", "request_key" },
                filter: "request_key IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_events_room_at_ms_seq_agent_request_key",
                table: "events");

            migrationBuilder.CreateIndex(
                name: "IX_events_room_request_key",
                table: "events",
                columns: new[] { "room", "request_key" },
                unique: true,
                filter: "request_key IS NOT NULL");
        }
    }
}
