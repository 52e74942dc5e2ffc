using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Sync.Engine.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    internal sealed partial class TokenMaker : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "maker",
                table: "tokens",
                type: "TEXT",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "maker",
                table: "tokens");
        }
    }
}
