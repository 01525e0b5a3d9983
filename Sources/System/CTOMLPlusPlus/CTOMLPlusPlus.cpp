#include "CTOMLPlusPlus.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#define TOML_EXCEPTIONS 1
// The parser asserts what hostile text can break, "[|a]" for one: that is an error of the text and not of the program.
// With NDEBUG the checks would be assumptions instead.
#undef NDEBUG
#define TOML_ASSERT(expr) \
    do { \
        if (!(expr)) \
            throw std::runtime_error("the text is not TOML"); \
    } while (false)
#include <toml++/toml.h>

namespace {

void write_string(std::ostream &out, std::string_view text)
{
    out << '"';
    for (unsigned char c : text) {
        if (c == '"' || c == '\\') {
            out << '\\' << c;
        } else if (c < 0x20) {
            char escape[8];
            std::snprintf(escape, sizeof(escape), "\\u%04x", c);
            out << escape;
        } else {
            out << c;
        }
    }
    out << '"';
}

void write_node(std::ostream &out, const toml::node &node)
{
    if (auto table = node.as_table()) {
        const char *separator = "{";
        if (table->empty())
            out << '{';
        for (auto &&[key, value] : *table) {
            out << separator;
            write_string(out, key.str());
            out << ':';
            write_node(out, value);
            separator = ",";
        }
        out << '}';
    } else if (auto array = node.as_array()) {
        const char *separator = "[";
        if (array->empty())
            out << '[';
        for (auto &&value : *array) {
            out << separator;
            write_node(out, value);
            separator = ",";
        }
        out << ']';
    } else if (auto text = node.as_string()) {
        write_string(out, text->get());
    } else if (auto number = node.as_integer()) {
        out << number->get();
    } else if (auto flag = node.as_boolean()) {
        out << (flag->get() ? "true" : "false");
    } else if (auto real = node.as_floating_point()) {
        char digits[40];
        std::snprintf(digits, sizeof(digits), "%.17g", real->get());
        out << digits;
        // JSON has no infinity: the reader of the document refuses it.
        if (std::strpbrk(digits, ".eni") == nullptr)
            out << ".0";
    } else {
        std::ostringstream text;
        if (auto date = node.as_date())
            text << date->get();
        else if (auto time = node.as_time())
            text << time->get();
        else if (auto moment = node.as_date_time())
            text << moment->get();
        write_string(out, text.str());
    }
}

// The end of the string that begins at `start`: behind its closing quotes, or the end of the text.
size_t end_of_string(std::string_view text, size_t start)
{
    const char quote = text[start];
    const bool is_long = text.substr(start, 3) == std::string(3, quote);
    const std::string close(is_long ? 3 : 1, quote);
    for (size_t i = start + close.size(); i < text.size(); i++) {
        if (text[i] == '\\' && quote == '"')
            i++;
        else if (text[i] == '\n' && !is_long)
            return i;
        else if (text.substr(i, close.size()) == close)
            return i + close.size();
    }
    return text.size();
}

// Where a key has more parts than anybody writes, a.a.a.…; npos if nowhere. Each part is a table inside the one before, and
// tables are freed from the outside in, by calls inside calls.
size_t find_deep_key(std::string_view text)
{
    constexpr int limit = 32;
    int dots = 0;
    for (size_t i = 0; i < text.size();) {
        switch (text[i]) {
        case '"':
        case '\'':
            i = end_of_string(text, i);
            continue;
        case '#':
            i = std::min(text.find('\n', i), text.size());
            continue;
        case '.':
            if (++dots > limit)
                return i;
            break;
        case '\n':
        case '=':
        case ',':
        case '[':
        case '{':
            dots = 0;
            break;
        }
        i++;
    }
    return std::string_view::npos;
}

} // namespace

extern "C" char *flux_toml_to_json(const char *text, size_t size, struct flux_toml_error *error)
{
    try {
        const size_t deep = find_deep_key(std::string_view(text, size));
        if (deep != std::string_view::npos) {
            error->line = 1 + std::count(text, text + deep, '\n');
            error->column = 1 + deep - (std::string_view(text, deep).rfind('\n') + 1);
            std::snprintf(error->reason, sizeof(error->reason), "a key has too many parts");
            return nullptr;
        }
        toml::table table = toml::parse(std::string_view(text, size));
        std::ostringstream out;
        write_node(out, table);
        return strdup(out.str().c_str());
    } catch (const toml::parse_error &failure) {
        error->line = failure.source().begin.line;
        error->column = failure.source().begin.column;
        std::snprintf(
            error->reason, sizeof(error->reason), "%.*s", static_cast<int>(failure.description().size()),
            failure.description().data());
    } catch (const std::exception &failure) {
        error->line = error->column = 0;
        std::snprintf(error->reason, sizeof(error->reason), "%s", failure.what());
    }
    return nullptr;
}
