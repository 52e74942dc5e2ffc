using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Sync.Engine.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    internal sealed partial class TokenLineage : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "parent",
                table: "tokens",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "sees_private",
                table: "tokens",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "pending",
                table: "members",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "via_open",
                table: "members",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "invited_names",
                columns: table => new
                {
                    room = table.Column<long>(type: "INTEGER", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false, collation: "NOCASE"),
                    role = table.Column<string>(type: "TEXT", nullable: false),
                    invited_by = table.Column<string>(type: "TEXT", nullable: true),
                    created_ms = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_invited_names", x => new { x.room, x.name });
                    table.ForeignKey(
                        name: "FK_invited_names_rooms_room",
                        column: x => x.room,
                        principalTable: "rooms",
                        principalColumn: "row",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_tokens_parent",
                table: "tokens",
                column: "parent");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "invited_names");

            migrationBuilder.DropIndex(
                name: "IX_tokens_parent",
                table: "tokens");

            migrationBuilder.DropColumn(
                name: "parent",
                table: "tokens");

            migrationBuilder.DropColumn(
                name: "sees_private",
                table: "tokens");

            migrationBuilder.DropColumn(
                name: "pending",
                table: "members");

            migrationBuilder.DropColumn(
                name: "via_open",
                table: "members");
        }
    }
}
