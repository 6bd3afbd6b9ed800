internal import TerminalUI

/// How much of everything fits on a screen of a certain size.
enum Detail: Equatable {
    /// Under 20×5: one line of state.
    case line
    /// Under 60×16: figures only.
    case figures
    /// Up to 80×24: one line each for traffic and alerts, no slow queries.
    case compact
    case full

    init(_ size: Size) {
        if size.columns < 20 || size.rows < 5 {
            self = .line
        } else if size.columns < 60 || size.rows < 16 {
            self = .figures
        } else if size.columns < 100 || size.rows < 30 {
            self = .compact
        } else {
            self = .full
        }
    }
}

/// Where things are, by the size of the screen.
struct Layout: Equatable {
    var header = Rect(column: 0, row: 0, columns: 0, rows: 0)
    var tabs = Rect(column: 0, row: 0, columns: 0, rows: 0)
    var body = Rect(column: 0, row: 0, columns: 0, rows: 0)
    var footer = Rect(column: 0, row: 0, columns: 0, rows: 0)

    init(_ size: Size) {
        let columns = max(0, size.columns)
        func rows(_ row: Int, _ count: Int) -> Rect { Rect(column: 0, row: row, columns: columns, rows: count) }
        header = rows(0, min(1, size.rows))
        guard Detail(size) != .line else { return }
        tabs = rows(1, 1)
        body = rows(2, size.rows - 3)
        footer = rows(size.rows - 1, 1)
    }

    /// Rows of a screen's list, without frame and header.
    static func listRows(of screen: Screen, in size: Size) -> Int {
        let body = Layout(size).body
        switch screen {
        case .alerts: return max(0, alertsList(in: body).rows - 2)
        case .clients: return ClientsLayout(body: body).listRows
        case .overview, .namespaces, .keys, .slowlog, .commands, .nodes: return max(0, body.rows - 3)
        }
    }

    static func alertsList(in body: Rect) -> Rect {
        body.rows < 12 ? body : Rect(column: body.column, row: body.row, columns: body.columns, rows: body.rows / 2)
    }
}

/// The panels of the clients' screen.
struct ClientsLayout: Equatable {
    /// Empty where there is no room.
    var chart: Rect
    /// Empty where there is no room.
    var figures: Rect
    var list: Rect
    /// Lines below the list, about the line under the cursor.
    var wordRows: Int

    init(body: Rect) {
        let top = body.rows >= 28 ? 9 : body.rows >= 19 ? 5 : 0
        let left = top == 9 && body.columns >= 100 ? body.columns / 2 : body.columns
        chart = Rect(column: body.column, row: body.row, columns: top > 0 ? left : 0, rows: top)
        figures = Rect(column: body.column + left, row: body.row, columns: body.columns - left, rows: top)
        list = Rect(column: body.column, row: body.row + top, columns: body.columns, rows: body.rows - top)
        wordRows = list.rows >= 14 ? 3 : list.rows >= 10 ? 2 : 0
    }

    /// Rows of the list without frame, header and the words below.
    var listRows: Int { max(0, list.rows - 3 - wordRows) }
}

/// The Overview's panels.
struct OverviewLayout: Equatable {
    var memory: Rect
    var clients: Rect
    var traffic: Rect
    var alerts: Rect
    var namespaces: Rect
    /// Empty where there is no room.
    var slowlog: Rect

    /// What charts need to be read.
    private static let leastChart = (full: 7, compact: 5)

    /// - Parameter alertLines: that the alerts would fill: they get the room of the charts for it, down to what those need.
    init(body: Rect, detail: Detail, alertLines: Int = 0) {
        let left = body.columns / 2
        let isFull = detail == .full
        var charts = isFull ? max(7, body.rows * 2 / 5) : max(4, min(7, body.rows - 12))
        var middle = isFull ? min(14, max(5, ((body.rows - charts) / 2 - 2) / 3 * 3 + 2)) : 3
        var alertRows = isFull ? middle : max(3, min(5, (body.rows - charts - middle) / 2))
        let least = isFull ? Self.leastChart.full : Self.leastChart.compact
        let more = max(0, min(charts - least, alertLines + 2 - alertRows))
        charts -= more
        alertRows += more
        if isFull { middle = alertRows }
        func at(_ column: Int, _ row: Int, _ columns: Int, _ rows: Int) -> Rect {
            Rect(
                column: body.column + column, row: body.row + row, columns: columns,
                rows: max(0, min(rows, body.rows - row)))
        }
        memory = at(0, 0, left, charts)
        clients = at(left, 0, body.columns - left, charts)
        if isFull {
            traffic = at(0, charts, left, middle)
            alerts = at(left, charts, body.columns - left, middle)
            namespaces = at(0, charts + middle, left, body.rows)
            slowlog = at(left, charts + middle, body.columns - left, body.rows)
        } else {
            traffic = at(0, charts, body.columns, middle)
            alerts = at(0, charts + middle, body.columns, alertRows)
            namespaces = at(0, charts + middle + alertRows, body.columns, body.rows)
            slowlog = at(0, 0, 0, 0)
        }
    }
}

extension Rect {
    /// A box in the middle of a screen, with a line of the screen left above and below where there is one.
    static func centred(columns: Int, rows: Int, in size: Size) -> Rect {
        let columns = min(columns, size.columns)
        let rows = min(rows, max(min(3, size.rows), size.rows - 2))
        return Rect(
            column: (size.columns - columns) / 2, row: max(0, (size.rows - rows) / 2), columns: columns, rows: rows)
    }
}
