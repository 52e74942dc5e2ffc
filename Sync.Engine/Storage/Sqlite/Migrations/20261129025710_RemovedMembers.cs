using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Sync.Engine.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    internal sealed partial class RemovedMembers : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "joined_by",
                table: "tokens",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "removed_members",
                columns: table => new
                {
                    room = table.Column<long>(type: "INTEGER", nullable: false),
                    user_id = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_removed_members", x => new { x.room, x.user_id });
                    table.ForeignKey(
                        name: "FK_removed_members_rooms_room",
                        column: x => x.room,
                        principalTable: "rooms",
                        principalColumn: "row",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_removed_members_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_removed_members_user_id",
                table: "removed_members",
                column: "user_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "removed_members");

            migrationBuilder.DropColumn(
                name: "joined_by",
                table: "tokens");
        }
    }
}
