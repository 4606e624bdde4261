// `tagswell verify`. Adds the subcommand; when the command line asks for it, parsing runs it and sets
// `exit_code`.
#pragma once

namespace CLI {
class App;
}

namespace tagswell {

void AddVerifyCommand(CLI::App& app, int& exit_code);

}  // namespace tagswell
