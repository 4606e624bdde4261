#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/server/raw_client.h"
#include "tests/unit/server/test_server.h"

namespace tagswell {
namespace {

std::vector<Token> OneToken(std::string_view secret, Role role) {
  Token token{.name = "t", .sha256 = Sha256Hex(secret), .roles = {}};
  token.roles.Add(role);
  return {token};
}

TEST(HttpServer, AnswersManyRequestsOnOneConnection) {
  TestServer server;
  RawClient client(server.port());
  for (int i = 0; i < 100; ++i) {
    const RawResponse response = client.Post("/x", std::to_string(i));
    ASSERT_EQ(response.status, 200);
    ASSERT_EQ(response.body, std::to_string(i));
  }
  EXPECT_EQ(client.Get("/").Header("X-Content-Type-Options"), "nosniff");
  EXPECT_FALSE(client.Get("/").Header("Date").empty());
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  TestServer server;
  RawClient client(server.port());
  std::string bytes;
  for (int i = 0; i < 200; ++i) {
    bytes += "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n" + std::to_string(100 + i);
  }
  ASSERT_TRUE(client.Send(bytes));
  for (int i = 0; i < 200; ++i) ASSERT_EQ(client.Receive().body, std::to_string(100 + i));
}

TEST(HttpServer, TakesBodiesOfAnySizeWhole) {
  TestServer server;
  RawClient client(server.port());
  for (const std::size_t size : {0ul, 1ul, 4000ul, 4096ul, 16384ul, 70000ul, 1048577ul, 5000000ul}) {
    std::string body(size, ' ');
    for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>('a' + i % 23);
    const RawResponse response = client.Post("/x", body);
    ASSERT_EQ(response.status, 200) << size;
    ASSERT_EQ(response.body == body, true) << size;
  }
}

TEST(HttpServer, ReadsChunkedBodies) {
  TestServer server;
  RawClient client(server.port());
  std::string bytes = "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string body;
  for (int i = 1; i < 300; ++i) {
    const std::string piece(static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
    char size[16];
    std::snprintf(size, sizeof size, "%x", i);
    bytes += std::string(size) + ";ext=1\r\n" + piece + "\r\n";
    body += piece;
  }
  ASSERT_TRUE(client.Send(bytes + "0\r\nTrailer: ignored\r\n\r\n"));
  EXPECT_EQ(client.Receive().body, body);
  EXPECT_EQ(client.Get("/").body, "home");
}

TEST(HttpServer, SaysWhatIsWrongAsProblemDetails) {
  TestServer server;
  const struct {
    const char* request;
    int status;
    const char* code;
  } cases[] = {
      {"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 404, "not_found"},
      {"PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 405, "method_not_allowed"},
      {"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "unsupported_method"},
      {"POST /x HTTP/1.1\r\nHost: a\r\n\r\n", 411, "length_required"},
      {"POST /x?colour=red HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 400, "unknown_parameter"},
      {"POST /x?format=a&format=b HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 400, "repeated_parameter"},
      {"POST /x?format=%zz HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 400, "malformed_query"},
      {"GET /v1/posts/a/%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_path"},
      {"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413, "body_too_large"},
      {"POST /x HTTP/1.1\r\nHost: a\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nxx", 415,
       "unsupported_encoding"},
      {"POST /x HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx", 400,
       "malformed_encoding"},
      {"POST /x HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 2\r\n\r\nxx", 417, "unsupported_expectation"},
      {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxx", 400, "unexpected_body"},
      {"GET /ws HTTP/1.1\r\nHost: a\r\n\r\n", 426, "upgrade_required"},
      {"POST /x HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example\r\nContent-Length: 0\r\n\r\n", 403,
       "origin_not_allowed"},
      {"GET /dropped HTTP/1.1\r\nHost: a\r\n\r\n", 500, "internal"},
      {"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_target"},
  };
  for (const auto& c : cases) {
    RawClient client(server.port());
    ASSERT_TRUE(client.Send(c.request));
    const RawResponse response = client.Receive();
    EXPECT_EQ(response.status, c.status) << c.request;
    EXPECT_EQ(response.Header("Content-Type"), "application/problem+json") << c.request;
    EXPECT_NE(response.body.find("\"code\":\"" + std::string(c.code) + "\""), std::string::npos) << response.body;
  }
}

TEST(HttpServer, RefusesBeforeTheBodyCameAndGoesOnBehindIt) {
  TestServer server;
  RawClient client(server.port());
  const std::string body(3'000'000, 'x');
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.Send("POST /full HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n"));
    const RawResponse refused = client.Receive();
    ASSERT_EQ(refused.status, 429);
    EXPECT_EQ(refused.body, "full");
    EXPECT_EQ(refused.Header("Connection"), "");
    ASSERT_TRUE(client.Send(body + "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"));
    ASSERT_EQ(client.Receive().body, "hi");
  }
  EXPECT_TRUE(server.events().All().empty());
}

TEST(HttpServer, RefusesManyPipelinedBodiesInOrder) {
  TestServer server;
  RawClient client(server.port());
  std::string bytes;
  for (int i = 0; i < 100; ++i) {
    bytes += "POST /full HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    bytes += "POST /full HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc";
    bytes += "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n" + std::to_string(100 + i);
  }
  ASSERT_TRUE(client.Send(bytes));
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(client.Receive().status, 429);
    ASSERT_EQ(client.Receive().status, 429);
    ASSERT_EQ(client.Receive().body, std::to_string(100 + i));
  }
}

TEST(HttpServer, EndsTheConnectionWhereARefusedBodyHasNoKnownEnd) {
  TestServer server;
  // Who asked first will perhaps not send its body.
  RawClient asking(server.port());
  ASSERT_TRUE(asking.Send("POST /full HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"));
  RawResponse refused = asking.Receive();
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("Connection"), "close");
  EXPECT_TRUE(asking.AtEnd());

  RawClient broken(server.port());
  ASSERT_TRUE(broken.Send("POST /full HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
  EXPECT_EQ(broken.Receive().status, 429);
  ASSERT_TRUE(broken.Send("no size\r\nPOST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"));
  EXPECT_TRUE(broken.AtEnd());

  // Larger than any body may be: 413, as without a refusal, and no reading past it.
  RawClient large(server.port());
  ASSERT_TRUE(large.Send("POST /full HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n"));
  EXPECT_EQ(large.Receive().status, 413);
  EXPECT_TRUE(large.AtEnd());
}

TEST(HttpServer, NamesTheUnknownParameter) {
  TestServer server;
  RawClient client(server.port());
  EXPECT_NE(client.Post("/x?a%20b=1", "").body.find(R"("field":"a b")"), std::string::npos);
}

TEST(HttpServer, AllowsWhatTheRouteAllows) {
  TestServer server;
  RawClient client(server.port());
  client.Send("OPTIONS /x HTTP/1.1\r\nHost: a\r\n\r\n");
  RawResponse response = client.Receive();
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.Header("Allow"), "POST, OPTIONS");
  response = client.Get("/x");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.Header("Allow"), "POST, OPTIONS");
  EXPECT_EQ(client.Post("/x?format=a&tag=1&tag=2", "y").body, "y");
}

TEST(HttpServer, AnswersHeadWithoutABody) {
  TestServer server;
  RawClient client(server.port());
  client.Send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  const RawResponse response = client.Receive(true);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Header("Content-Length"), "4");
  EXPECT_EQ(client.Get("/").body, "home");
}

TEST(HttpServer, DecodesPathSegmentsOneByOne) {
  TestServer server;
  RawClient client(server.port());
  EXPECT_EQ(client.Get("/v1/posts/twitter/a%2Fb%20c").body, "twitter|a/b c");
  EXPECT_EQ(client.Get("/v1/posts/twitter/").status, 404);
  EXPECT_EQ(client.Get("/v1/p%6Fsts/twitter/1").body, "twitter|1");
}

TEST(HttpServer, SpeaksHttp10) {
  TestServer server;
  RawClient closing(server.port());
  closing.Send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(closing.Receive().body, "home");
  EXPECT_TRUE(closing.AtEnd());
  RawClient keeping(server.port());
  keeping.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(keeping.Receive().Header("Connection"), "keep-alive");
  EXPECT_EQ(keeping.Get("/").body, "home");
}

TEST(HttpServer, ContinuesWhenAskedTo) {
  TestServer server;
  RawClient client(server.port());
  client.Send("POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(client.Receive().status, 100);
  client.Send("hello");
  EXPECT_EQ(client.Receive().body, "hello");
  client.Send("POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n");
  EXPECT_EQ(client.Receive().status, 413);
}

TEST(HttpServer, LetsInOnlyWhoHasTheRole) {
  TestServer server({}, OneToken("secret", Role::kIngest));
  RawClient client(server.port());
  EXPECT_EQ(client.Get("/").status, 200);
  EXPECT_EQ(client.Post("/x", "a", "Authorization: Bearer secret\r\n").body, "a");
  EXPECT_EQ(client.Get("/v1/posts/a/b", "Authorization: Bearer secret\r\n").status, 403);
  const RawResponse refused = client.Get("/v1/posts/a/b");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.Header("WWW-Authenticate"), R"(Bearer realm="tagswell")");
  EXPECT_EQ(client.Get("/v1/posts/a/b?access_token=secret").status, 401);
}

TEST(HttpServer, LetsPagesOfItsOwnAndNamedOriginsWrite) {
  ServerOptions options;
  options.allowed_origins = {"https://board.example"};
  TestServer server(options);
  RawClient client(server.port());
  EXPECT_EQ(client.Post("/x", "a", "Origin: http://TEST\r\n").status, 200);
  EXPECT_EQ(client.Post("/x", "a", "Origin: https://board.example\r\n").status, 200);
  EXPECT_EQ(client.Get("/", "Origin: https://evil.example\r\n").status, 200);
  EXPECT_EQ(client.Post("/x", "", "Origin: null\r\n").status, 403);
}

TEST(HttpServer, TakesRepliesFromAnyThreadAndTime) {
  TestServer server;
  RawClient client(server.port());
  client.Send("GET /later HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  std::thread([reply = server.TakePendingReply()]() mutable { reply({.body = "late"}); }).join();
  EXPECT_EQ(client.Receive().body, "late");
  EXPECT_EQ(client.Receive().body, "home");
}

TEST(HttpServer, SurvivesAReplyThatOutlivesIt) {
  auto server = std::make_unique<TestServer>();
  RawClient client(server->port());
  client.Send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  Reply reply = server->TakePendingReply();
  server->server().Stop(std::chrono::milliseconds(1));
  server.reset();
  reply({.body = "too late"});
  EXPECT_TRUE(client.AtEnd());
}

TEST(HttpServer, SendsLargeAnswersWhole) {
  TestServer server;
  RawClient client(server.port());
  EXPECT_EQ(client.Get("/large").body.size(), 8u * 1024 * 1024);
  EXPECT_EQ(client.Get("/").body, "home");
}

TEST(HttpServer, FinishesWhatIsUnderWayBeforeItStops) {
  TestServer server;
  RawClient busy(server.port());
  RawClient idle(server.port());
  EXPECT_EQ(idle.Get("/").status, 200);
  busy.Send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  Reply reply = server.TakePendingReply();
  std::thread stopper([&] { server.server().Stop(std::chrono::seconds(10)); });
  EXPECT_TRUE(idle.AtEnd());
  reply({.body = "done"});
  const RawResponse response = busy.Receive();
  EXPECT_EQ(response.body, "done");
  EXPECT_EQ(response.Header("Connection"), "close");
  busy.ShutdownSend();
  stopper.join();
}

TEST(HttpServer, RefusesConnectionsAboveItsLimit) {
  ServerOptions options;
  options.limits.connections_max = 2;
  TestServer server(options);
  RawClient one(server.port());
  RawClient two(server.port());
  EXPECT_EQ(one.Get("/").status, 200);
  EXPECT_EQ(two.Get("/").status, 200);
  RawClient three(server.port());
  EXPECT_EQ(three.Receive().status, 503);
  EXPECT_EQ(two.Get("/").status, 200);
}

TEST(HttpServer, LetsGoOfWhoIsTooSlow) {
  ServerOptions options;
  options.limits.header_timeout = std::chrono::seconds(0);
  options.limits.body_timeout = std::chrono::seconds(0);
  TestServer server(options);
  RawClient head(server.port());
  head.Send("GET / HT");
  RawClient body(server.port());
  body.Send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe");
  RawClient silent(server.port());
  EXPECT_EQ(head.Receive().status, 408);
  EXPECT_EQ(body.Receive().status, 408);
  EXPECT_TRUE(silent.AtEnd());
}

// Empty lines before a request are passed over (RFC 9112, 2.2). Whoever sends nothing else must not stay for that.
TEST(HttpServer, LetsNobodyStayForEmptyLines) {
  ServerOptions options;
  options.limits.header_timeout = std::chrono::seconds(1);
  TestServer server(options);
  RawClient client(server.port());
  ASSERT_EQ(client.Get("/").status, 200);
  int lines = 0;
  while (client.Send("\r\n") && !client.PeerLeft(std::chrono::milliseconds(100))) ASSERT_LT(++lines, 100);
}

TEST(HttpServer, LetsGoOfWhoDoesNotReadItsAnswer) {
  ServerOptions options;
  options.limits.answer_timeout = std::chrono::seconds(0);
  TestServer server(options);
  for (const char* last : {"", "Connection: close\r\n"}) {
    RawClient client(server.port());
    client.SetReceiveBuffer(4096);
    client.Send("GET /large HTTP/1.1\r\nHost: a\r\n" + std::string(last) + "\r\n");
    EXPECT_TRUE(client.PeerLeft(std::chrono::seconds(20))) << last;  // by a reset: nothing was read
  }
  RawClient reader(server.port());
  EXPECT_EQ(reader.Get("/large").body.size(), 8u * 1024 * 1024);
}

TEST(HttpServer, SaysWhyItCannotListen) {
  TestServer first;
  const Access access({});
  ServerOptions options;
  options.listen.port = first.port();
  HttpServer second(options, {}, access, nullptr);
  const auto started = second.Start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, "listen_failed");
  EXPECT_NE(started.error().detail.find(std::to_string(first.port())), std::string::npos);
}

TEST(HttpServer, NeverSpeaksPlainTextWhereTlsWasAskedFor) {
  const Access access({});
  ServerOptions options;
  options.listen.port = 0;
  options.tls = {"certificate.pem", "key.pem"};
  HttpServer server(options, {}, access, nullptr);
  const auto started = server.Start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, "tls_failed");
}

}  // namespace
}  // namespace tagswell
