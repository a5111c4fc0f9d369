// Fills a template, the first argument's file, with each object of a JSON list, the second's; prints a list of texts.
package main

import (
	"encoding/json"
	"os"
	"strings"
	"text/template"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	source, err := os.ReadFile(os.Args[1])
	must(err)
	data, err := os.ReadFile(os.Args[2])
	must(err)
	var entries []map[string]any
	must(json.Unmarshal(data, &entries))
	filled := template.Must(template.New("").Parse(string(source)))
	texts := []string{}
	for _, entry := range entries {
		var text strings.Builder
		must(filled.Execute(&text, entry))
		texts = append(texts, text.String())
	}
	must(json.NewEncoder(os.Stdout).Encode(texts))
}
