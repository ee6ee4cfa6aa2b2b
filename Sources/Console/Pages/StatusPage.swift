/// The page at `/`: what is running, in plain HTML without script.
enum StatusPage {
    static func html(_ status: ConsoleStatus) -> String {
        var page = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>Roost</title>
            <style>
            body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 46rem; padding: 0 1rem; color-scheme: light dark }
            h1 { font-size: 1.4rem } h2 { font-size: 1rem; margin: 1.5rem 0 .25rem }
            table { border-collapse: collapse; width: 100% }
            th, td { text-align: left; padding: .2rem .5rem .2rem 0; border-bottom: 1px solid #8884; vertical-align: top; font-weight: normal }
            th { width: 14rem } td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
            </style>
            </head>
            <body>
            <h1>Roost \(self.escaped(status.version)): \(status.isServing ? "serving" : "not serving")</h1>

            """
        for section in status.sections {
            page += "<h2>\(self.escaped(section.title))</h2>\n<table>\n"
            for item in section.items {
                page += "<tr><th scope=\"row\">\(self.escaped(item.name))</th><td>\(self.escaped(item.value))</td></tr>\n"
            }
            page += "</table>\n"
        }
        return page + "<p><a href=\"/metrics\">Metrics</a> · <a href=\"/health\">Health</a></p>\n</body>\n</html>\n"
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
