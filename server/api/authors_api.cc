#include "server/api/authors_api.h"

#include <algorithm>
#include <string>
#include <utility>

#include "proto/author_ref.h"
#include "server/logging.h"
#include "server/net/problem.h"
#include "server/pipeline/refusals.h"

namespace tagswell {
namespace {

constexpr std::size_t kSourceBytesMax = 64;
constexpr std::size_t kAuthorBytesMax = 256;

bool IsName(std::string_view text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

// The posts are looked for later: the answer says that they will be.
void DeleteAuthor(ApiContext& api, Pipeline& pipeline, Request&& request, Reply reply) {
  const AuthorRef author{.source = std::string(request.PathParam("source")),
                         .author = std::string(request.PathParam("author"))};
  if (!IsName(author.source, kSourceBytesMax) || !IsName(author.author, kAuthorBytesMax))
    return reply(Problem(422, "bad_author", "No post can have this source and this author."));
  if (pipeline.store().removals().full()) return reply(SubmitProblem(Overloaded()));
  // Whose posts went is not kept: that is what has to go.
  AuditEntry audit{.at = api.clock().Now(),
                   .by = std::move(request.token),
                   .remote = std::move(request.remote),
                   .action = "remove_author",
                   .subject = author.source};
  pipeline.Errand(
      [&pipeline, author, audit = std::move(audit), reply = std::move(reply)](std::expected<void, Error> turn) mutable {
        Store& store = pipeline.store();
        if (turn) turn = store.removals().Add({&author, 1}, store.log().LastSeq(), {&audit, 1});
        if (!turn) return reply(SubmitProblem(turn.error()));
        Log(LogLevel::kInfo, "admin",
            {{"action", audit.action}, {"source", audit.subject}, {"by", audit.by}, {"remote", audit.remote}});
        Response response;
        response.status = 202;
        reply(std::move(response));
      });
}

}  // namespace

void AddAuthorsRoute(ApiContext& api, std::vector<Route>& routes) {
  routes.push_back({.method = Method::kDelete,
                    .pattern = "/v1/authors/{source}/{author}",
                    .role = Role::kAdmin,
                    .query = {},
                    .handler = WithPipeline(api,
                                            [&api](Pipeline& pipeline, Request&& request, Reply reply) {
                                              DeleteAuthor(api, pipeline, std::move(request), std::move(reply));
                                            }),
                    .websocket = {}});
}

}  // namespace tagswell
