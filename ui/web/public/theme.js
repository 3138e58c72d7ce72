// Before the first paint: what the reader chose, if anything. Kept apart because the policy allows no inline script.
(function () {
    const theme = localStorage.getItem("ghost.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
