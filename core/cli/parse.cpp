#include "cli/parse.h"

#include <charconv>
#include <iostream>
#include <memory>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "base/text.h"

namespace flowport::cli {

namespace po = boost::program_options;

namespace {

Problems set_defaults(const po::options_description& options, std::span<const config::Default> defaults,
                      po::variables_map& values) {
  Problems problems;
  // What is stored first stays: the command line, then the last file.
  for (std::size_t i = defaults.size(); i-- > 0;) {
    const auto& entry = defaults[i];
    const auto* option = options.find_nothrow(entry.flag, false);
    if (option == nullptr) continue;
    po::parsed_options parsed(&options);
    po::option given(entry.flag, entry.values);
    parsed.options.push_back(std::move(given));
    try {
      po::store(parsed, values);
    } catch (const po::error& error) {
      problems.push_back({Fault::kPlugin, error.what(), entry.source, {}});
    }
  }
  if (problems.empty()) po::notify(values);
  return problems;
}

}  // namespace

tl::expected<CommandLine, int> parse(const Arguments& arguments, const po::options_description& options,
                                     const std::vector<std::string>& positional, std::string_view usage) {
  po::options_description all;
  all.add(options);
  po::options_description hidden;
  po::positional_options_description places;
  for (const auto& name : positional) {
    hidden.add_options()(name.c_str(), po::value<std::string>());
    places.add(name.c_str(), 1);
  }
  all.add(hidden);
  const auto wrong = [&](std::string what, std::string next) {
    return tl::make_unexpected(report_problems({Problem{Fault::kUsage, std::move(what), {}, std::move(next)}}));
  };
  const auto stored = std::make_shared<po::variables_map>();
  po::variables_map& values = *stored;
  CommandLine line;
  try {
    const auto style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    const auto parsed = po::command_line_parser(arguments).options(all).positional(places).style(style).run();
    for (const auto& option : parsed.options) {
      if (option.position_key >= 0) continue;
      auto& texts = line.given[option.string_key];
      texts.insert(texts.end(), option.value.begin(), option.value.end());
      if (option.value.empty()) texts.emplace_back("true");
    }
    po::store(parsed, values);
    po::notify(values);
  } catch (const po::unknown_option& error) {
    std::string given = error.get_option_name();
    std::vector<std::string> names;
    for (const auto& option : options.options()) names.push_back("--" + option->long_name());
    const std::vector<std::string_view> views(names.begin(), names.end());
    std::string next = did_you_mean(given, views);
    return wrong(fmt::format("there is no option {}", given), next.empty() ? "--help lists the options" : next);
  } catch (const po::too_many_positional_options_error&) {
    return wrong("too many arguments", "--help shows how to call this");
  } catch (const po::error& error) {
    return wrong(error.what(), "--help shows how to call this");
  }
  if (values.count("help") != 0) {
    std::cout << usage << options;
    return tl::make_unexpected(0);
  }
  for (const auto& name : positional) {
    if (values.count(name) == 0) return wrong(fmt::format("{} is missing", name), "--help shows how to call this");
    line.positional[name] = values[name].as<std::string>();
  }
  line.set_defaults = [&options, stored](std::span<const config::Default> defaults) {
    return set_defaults(options, defaults, *stored);
  };
  return line;
}

std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (comma != 0) names.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return names;
}

Result<std::pair<std::string, std::vector<convert::DimSpec>>> parse_shape(std::string_view text) {
  const auto equals = text.rfind('=');
  if (equals == std::string_view::npos || equals == 0) {
    return problem(Fault::kUsage, fmt::format("--shape takes NAME=DIM,DIM,..., not '{}'", text));
  }
  std::string_view dims = text.substr(equals + 1);
  if (dims.starts_with('[') && dims.ends_with(']')) dims = dims.substr(1, dims.size() - 2);
  std::vector<convert::DimSpec> specs;
  for (const auto& dim : split_names(dims)) {
    std::int64_t number = 0;
    const auto parsed = std::from_chars(dim.data(), dim.data() + dim.size(), number);
    const bool is_number = parsed.ec == std::errc() && parsed.ptr == dim.data() + dim.size();
    if (is_number && number < 0) {
      return problem(Fault::kUsage, fmt::format("--shape: {} is no dim in '{}'", number, text), {},
                     "give an unknown dim a name, such as N");
    }
    if (is_number) {
      specs.emplace_back(number);
    } else if (dim.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
               std::string::npos) {
      specs.emplace_back(dim);
    } else {
      return problem(Fault::kUsage, fmt::format("--shape: '{}' is neither a number nor a name", dim));
    }
  }
  return std::pair(std::string(text.substr(0, equals)), std::move(specs));
}

}  // namespace flowport::cli
