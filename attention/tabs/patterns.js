// The page says that it is waiting before the server has heard of it: another visitor's check may be running.
() => ({ parts: [["Waiting for its turn", ""]], kind: "busy", share: null });
